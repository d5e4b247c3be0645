/**
 * A hole of whole lines in a file that a person fills again key by key, in an editor that indents new lines by itself
 * and closes no brackets.
 */

export type Key =
  | { readonly kind: 'character'; readonly text: string }
  | { readonly kind: 'enter' }
  | { readonly kind: 'backspace' };

export interface Hole {
  readonly languageId: string;
  /** Whole lines, without CR and without blanks at their ends. */
  readonly before: string;
  /** What is to be typed: whole lines without the last line end. */
  readonly target: string;
  /** From the hole's last line end on. */
  readonly after: string;
}

const CLOSES = /^[)\]}]/;
const OPENS = /[([{]$/;
/** Languages where a line that ends with a colon opens a block. */
const COLON_OPENS = new Set(['python']);
const PYTHON_BLOCK =
  /^\s*(?:async|case|class|def|elif|else|except|finally|for|if|match|try|while|with)\b.*:$/;

export class TypedText {
  readonly #unit: string;
  #typed: string;

  /** The cursor stands where the editor puts it after Enter at the end of the line above. */
  constructor(readonly hole: Hole) {
    this.#unit = indentUnit(`${hole.before}${hole.target}${hole.after}`);
    const above = hole.before.split('\n').findLast((line) => line.trim() !== '') ?? '';
    this.#typed = this.#indentBelow(above);
  }

  get typed(): string {
    return this.#typed;
  }

  get text(): string {
    return this.hole.before + this.#typed + this.hole.after;
  }

  /** UTF-16 units from the text's beginning. */
  get offset(): number {
    return this.hole.before.length + this.#typed.length;
  }

  /** What stands before the cursor on its line. */
  get linePrefix(): string {
    return this.#typed.slice(this.#typed.lastIndexOf('\n') + 1);
  }

  /** Units of the target that are there; where the editor has indented too much, up to that line. */
  get progress(): number {
    const { target } = this.hole;
    return target.startsWith(this.#typed) ? this.#typed.length : this.#typed.lastIndexOf('\n') + 1;
  }

  /** What is still to be typed, or undefined while there is something to be taken back first. */
  get rest(): string | undefined {
    const { target } = this.hole;
    return target.startsWith(this.#typed) ? target.slice(this.#typed.length) : undefined;
  }

  /** The next key of a person who knows the target. @throws RangeError when all is typed */
  nextKey(): Key {
    const { target } = this.hole;
    const { rest, linePrefix } = this;
    const lineStart = this.#typed.length - linePrefix.length;
    if (linePrefix.trim() === '') {
      // The editor takes its own blanks back on lines that stay empty, and outdents a line that closes.
      if (target.charAt(lineStart) === '\n') return { kind: 'enter' };
      const line = lineAt(target, lineStart);
      const indent = indentOf(line);
      if (linePrefix.length > indent.length && CLOSES.test(line.slice(indent.length))) {
        return { kind: 'character', text: line.charAt(indent.length) };
      }
    }
    if (rest === undefined) return { kind: 'backspace' };
    if (rest === '') throw new RangeError('all is typed');
    const next = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    return next === '\n' ? { kind: 'enter' } : { kind: 'character', text: next };
  }

  press(key: Key): void {
    const { linePrefix } = this;
    const lineStart = this.#typed.length - linePrefix.length;
    switch (key.kind) {
      case 'enter': {
        const kept = linePrefix.trim() === '' ? this.#typed.slice(0, lineStart) : this.#typed;
        this.#typed = `${kept}\n${this.#indentBelow(linePrefix)}`;
        break;
      }
      case 'backspace': {
        const unit = linePrefix.endsWith(this.#unit) && linePrefix.trim() === '' ? this.#unit.length : 1;
        this.#typed = this.#typed.slice(0, -unit);
        break;
      }
      case 'character': {
        const outdents = linePrefix.trim() === '' && CLOSES.test(key.text) && this.rest === undefined;
        const indent = outdents ? indentOf(lineAt(this.hole.target, lineStart)) : linePrefix;
        this.#typed = this.#typed.slice(0, lineStart) + indent + key.text;
        break;
      }
    }
  }

  /** Puts text of the target at the cursor. @throws RangeError for other text */
  accept(text: string): void {
    if (this.rest?.startsWith(text) !== true) throw new RangeError('what is accepted is not what follows');
    this.#typed += text;
  }

  /** Keys that a person without suggestions needs from here until so many units of the target are there. */
  keysUntil(progress: number): number {
    const alone = new TypedText(this.hole);
    alone.#typed = this.#typed;
    let keys = 0;
    for (; alone.progress < progress && alone.rest !== ''; keys++) alone.press(alone.nextKey());
    return keys;
  }

  #indentBelow(line: string): string {
    const indent = indentOf(line);
    const code = line.trimEnd();
    const opens = OPENS.test(code) || (COLON_OPENS.has(this.hole.languageId) && PYTHON_BLOCK.test(code));
    return opens ? indent + this.#unit : indent;
  }
}

const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? '';

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.slice(start) : text.slice(start, end);
}

/** A tab, or as many spaces as most lines are indented further than the line before; at least two. */
function indentUnit(text: string): string {
  const steps = new Map<string, number>();
  let before = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const indent = indentOf(line);
    const step = indent.startsWith('\t') ? '\t' : ' '.repeat(Math.max(0, indent.length - before));
    if (step === '\t' || (step.length >= 2 && step.length <= 8)) steps.set(step, (steps.get(step) ?? 0) + 1);
    before = indent.length;
  }
  const [most] = [...steps].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? '    ';
}
