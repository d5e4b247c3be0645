/** JUnit's XML, which pytest and Maven write. */

export interface TestCase {
  readonly name: string;
  /** Undefined where it passed. */
  readonly kind?: 'failure' | 'error' | 'skipped';
  /** One line, as a rule. */
  readonly message: string;
  /** With the trace. */
  readonly text: string;
}

export function testCases(xml: string): TestCase[] {
  return [...xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(
    ([, attributes = '', inner = '']): TestCase => {
      const name = unescapeXml(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? '');
      const found = /<(failure|error|skipped)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/\1>)/.exec(inner);
      if (found === null) return { name, message: '', text: '' };
      const [, kind, head = '', body = ''] = found;
      const text = unescapeXml(/^\s*<!\[CDATA\[([\s\S]*)\]\]>\s*$/.exec(body)?.[1] ?? body);
      return {
        name,
        kind: kind === 'failure' || kind === 'skipped' ? kind : 'error',
        message: unescapeXml(/\bmessage="([^"]*)"/.exec(head)?.[1] ?? ''),
        text,
      };
    },
  );
}

const unescapeXml = (text: string): string =>
  text
    .replace(/&#(\d+);|&#x([0-9a-fA-F]+);/g, (_, decimal?: string, hex?: string) =>
      String.fromCodePoint(decimal === undefined ? parseInt(hex ?? '20', 16) : Number(decimal)),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
