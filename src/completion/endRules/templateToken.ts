import { end, type EndRule } from './endRule';

/** Special tokens that the model sometimes spells letter by letter; no stop token catches that. */
const SPELLED =
  /<\|(?:fim_|fim\||file_sep|repo_name|endoftext|im_start|im_end|cursor|object_ref|box_|quad_|vision_|video_pad|image_pad)/;
const NAMES = [
  '<|fim_prefix|>',
  '<|fim_middle|>',
  '<|fim_suffix|>',
  '<|fim_pad|>',
  '<|file_sep|>',
  '<|repo_name|>',
  '<|endoftext|>',
  '<|im_start|>',
  '<|im_end|>',
];

/** Ends where a special token is spelled out in text. */
export const templateToken: EndRule = (text) => {
  const found = SPELLED.exec(text);
  return found === null ? 'continue' : end(text.slice(0, found.index));
};

/** @returns the text without the beginning of a special token at its end, which was still being written */
export function withoutTokenStart(text: string): string {
  const at = text.lastIndexOf('<|');
  if (at < 0) return text;
  const tail = text.slice(at);
  return NAMES.some((name) => name.startsWith(tail)) ? text.slice(0, at) : text;
}
