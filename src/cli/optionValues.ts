/** Values of options, checked while the command line is read. */
import { InvalidArgumentError } from 'commander';

/** @returns a parser for whole numbers within bounds, both included */
export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`);
  };
}

/** @returns a parser for numbers above `above` and at most `maximum` */
export function numberAbove(above: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value > above && value <= maximum) return value;
    throw new InvalidArgumentError(`It must be a number above ${above} and at most ${maximum}.`);
  };
}
