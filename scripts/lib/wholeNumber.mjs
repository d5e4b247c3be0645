import { ProvisionError } from './provisionError.mjs';

/**
 * A whole number from the command line.
 * @param {string} name of the argument, without the dashes
 * @param {string} text
 * @throws {ProvisionError} for anything else, and above nine digits
 */
export function wholeNumber(name, text) {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ProvisionError(`--${name} takes a whole number, not ${text}.`);
}
