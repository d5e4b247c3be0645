/** What pytest and unittest say. */
import { parseJson, shortened, statusOf } from './failure';
import { testCases } from './junitXml';
import { SKIPPED, type RunOutput, type TestResult, type TestStatus } from './testResult';

/** Read from the XML that it writes for JUnit's readers. */
export function pytestResults({ report, stderr }: RunOutput, testFile: string): TestResult[] {
  const [missing, python] = /^(\S+): No module named pytest$/m.exec(stderr) ?? [];
  if (missing !== undefined) {
    const message = `${missing}. Install it: ${python} -m pip install pytest`;
    return [{ name: testFile, status: 'error', message }];
  }
  return testCases(report).map(({ name, kind, message: said, text }): TestResult => {
    const plain = name.replace(/\[.*\]$/, '');
    if (kind === undefined) return { name: plain, status: 'passed', message: '' };
    if (kind === 'skipped') return { name: plain, ...SKIPPED };
    // Of a file that cannot be collected the message says no more than that.
    const message = said === 'collection failure' ? lastWords(text) : said;
    const status = kind === 'error' ? 'error' : statusOf(message, text, testFile);
    return { name: plain, status, message: shortened(message) };
  });
}

/** The lines that pytest marks as the error, else the last ones. */
function lastWords(trace: string): string {
  const lines = trace.split('\n').filter((line) => line.trim() !== '');
  const marked = lines.filter((line) => /^E\s/.test(line)).map((line) => line.replace(/^E\s+/, ''));
  return (marked.length > 0 ? marked : lines.slice(-1)).join('\n');
}

interface UnittestEntry {
  readonly name: string;
  readonly status: TestStatus | 'skipped';
  readonly message: string;
  readonly trace?: string;
}

/** The lines of JSON that our runner of unittest writes. */
export function unittestResults({ report }: RunOutput, testFile: string): TestResult[] {
  const results = new Map<string, TestResult>();
  for (const line of report.split('\n')) {
    const entry = parseJson<UnittestEntry>(line);
    if (entry === undefined) continue;
    const { name, message, trace = '' } = entry;
    // A test whose parts failed has passed as a whole as far as the library is concerned.
    if (results.has(name) && entry.status === 'passed') continue;
    results.set(name, {
      name,
      ...(entry.status === 'skipped'
        ? SKIPPED
        : {
            status: entry.status === 'error' ? statusOf(message, trace, testFile) : entry.status,
            // Of a file that cannot be imported the message is a whole trace.
            message: shortened(message.includes('\nTraceback') ? lastWords(message) : message),
          }),
    });
  }
  return [...results.values()];
}
