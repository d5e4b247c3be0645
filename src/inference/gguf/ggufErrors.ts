import { EngineError } from '../errors';

type Detail = Readonly<Record<string, string | number>>;

/** A file that breaks the format or contradicts itself: truncated, out of bounds, wrong types. */
export function corrupt(message: string, detail?: Detail): EngineError {
  return new EngineError('model-corrupt', message, detail);
}

/** A sound file that this engine cannot run. */
export function unsupported(message: string, detail?: Detail): EngineError {
  return new EngineError('model-unsupported', message, detail);
}

/** Characters of a name that are shown; a damaged file may hold names of tens of thousands. */
const MAX_SHOWN_CHARACTERS = 80;

/** A name out of the file, fit for a message: quoted, control characters escaped, shortened. */
export function quoted(name: string): string {
  return JSON.stringify(
    name.length > MAX_SHOWN_CHARACTERS ? `${name.slice(0, MAX_SHOWN_CHARACTERS)}…` : name,
  );
}
