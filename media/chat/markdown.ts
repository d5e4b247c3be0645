/**
 * Markdown of a model as safe HTML. What a model writes is hostile input: raw HTML stays text, the result goes through
 * a sanitiser all the same, and nothing in it can load, run or navigate.
 */
import createDomPurify from 'dompurify';
import hljs from 'highlight.js/lib/common';
import MarkdownIt from 'markdown-it';

/** Longer answers are shown as plain text: rendering must not freeze the page. In UTF-16 units. */
const MAX_RENDERED_UNITS = 300_000;
/** Longer code is shown without colours. In UTF-16 units. */
const MAX_COLOURED_UNITS = 60_000;
/** Quotes and lists inside each other. */
const MAX_NESTING = 24;
/** Finished blocks of an answer under way are not coloured again with each word. */
const COLOURED_KEPT = 64;

const coloured = new Map<string, string>();

const markdown = new MarkdownIt('default', {
  html: false,
  linkify: false,
  maxNesting: MAX_NESTING,
  highlight: (code, language) => colour(code, language),
});
// Images would be fetched: their text stands for them.
markdown.disable('image');

const purify = createDomPurify(window);
const ALLOWED = {
  ALLOWED_TAGS: [
    ...[
      'p',
      'br',
      'hr',
      'h1',
      'h2',
      'h3',
      'h4',
      'h5',
      'h6',
      'blockquote',
      'ul',
      'ol',
      'li',
      'pre',
      'code',
      'span',
    ],
    ...['em', 'strong', 's', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ],
  ALLOWED_ATTR: ['href', 'class', 'start', 'title'],
  ALLOWED_URI_REGEXP: /^https?:\/\//i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} as const;

/** @returns the answer's elements; links have an `href` of http or https, or none */
export function renderMarkdown(text: string): DocumentFragment {
  if (text.length > MAX_RENDERED_UNITS) return plain(text);
  try {
    return purify.sanitize(markdown.render(text), {
      ...ALLOWED,
      ALLOWED_TAGS: [...ALLOWED.ALLOWED_TAGS],
      ALLOWED_ATTR: [...ALLOWED.ALLOWED_ATTR],
    });
  } catch {
    return plain(text);
  }
}

function plain(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const block = document.createElement('pre');
  block.textContent = text;
  fragment.append(block);
  return fragment;
}

/** HTML of coloured code, escaped by the highlighter; empty leaves it to the renderer. */
function colour(code: string, language: string): string {
  if (code.length > MAX_COLOURED_UNITS || hljs.getLanguage(language) === undefined) return '';
  const key = `${language}\n${code}`;
  const known = coloured.get(key);
  if (known !== undefined) return known;
  const html = hljs.highlight(code, { language, ignoreIllegals: true }).value;
  if (coloured.size >= COLOURED_KEPT) coloured.delete(coloured.keys().next().value ?? '');
  coloured.set(key, html);
  return html;
}
