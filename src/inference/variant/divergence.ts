/**
 * Mean Kullback-Leibler divergence KL(p || q) in nats of the distributions that rows of logits stand for.
 * @returns NaN or Infinity where a logit is not finite, which no bound accepts
 */
export function meanDivergence(p: readonly Float32Array[], q: readonly Float32Array[]): number {
  const sum = p.reduce((total, row, index) => total + divergence(row, q[index] as Float32Array), 0);
  return sum / p.length;
}

function divergence(p: Float32Array, q: Float32Array): number {
  const logP = logSumExp(p);
  const logQ = logSumExp(q);
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const a = (p[i] as number) - logP;
    sum += Math.exp(a) * (a - ((q[i] as number) - logQ));
  }
  return sum;
}

function logSumExp(row: Float32Array): number {
  let largest = -Infinity;
  for (const value of row) largest = Math.max(largest, value);
  let sum = 0;
  for (const value of row) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
