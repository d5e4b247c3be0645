/** The grammars that lie beside the bundles. */
import { join } from 'node:path';
import { Syntax } from '../assist/syntax/syntax';

/** @param distDir folder of the bundles */
export const bundledSyntax = (distDir: string): Syntax => new Syntax(join(distDir, 'grammars'));
