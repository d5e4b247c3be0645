/**
 * A document with one of its generated sections replaced: what stands between `<!-- bench NAME: begin … -->` and
 * `<!-- bench NAME: end -->`.
 * @param name the model whose numbers these are
 * @throws Error where the markers are missing or in the wrong order
 */
export function replaceSection(document: string, name: string, section: string): string {
  const [begin, end] = [`<!-- bench ${name}: begin`, `<!-- bench ${name}: end -->`];
  const from = document.indexOf(begin);
  const inside = document.indexOf('-->', from) + '-->'.length;
  const to = document.indexOf(end);
  if (from < 0 || to < inside) throw new Error(`the document has no section from ${begin} to ${end}`);
  return `${document.slice(0, inside)}\n\n${section}\n\n${document.slice(to)}`;
}
