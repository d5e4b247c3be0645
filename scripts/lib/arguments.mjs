import { ProvisionError } from './provisionError.mjs';

/**
 * Reads `--name value` and `--flag` from a command line.
 * @param {readonly string[]} words
 * @param {{ values?: readonly string[], flags?: readonly string[] }} known names without the dashes
 * @returns {Record<string, string | true | undefined>}
 * @throws {ProvisionError} on anything else
 */
export function readArguments(words, { values = [], flags = [] }) {
  const result = {};
  for (let at = 0; at < words.length; at += 1) {
    const [name, inline] = words[at].replace(/^--/, '').split(/=(.*)/s);
    const known = words[at].startsWith('--');
    if (known && flags.includes(name)) result[name] = true;
    else if (known && values.includes(name)) result[name] = inline ?? words[(at += 1)];
    else throw new ProvisionError(`Unknown argument ${words[at]}.`, usage(values, flags));
  }
  return result;
}

const usage = (values, flags) =>
  `Known: ${[...flags.map((name) => `--${name}`), ...values.map((name) => `--${name} VALUE`)].join(', ') || 'none'}`;
