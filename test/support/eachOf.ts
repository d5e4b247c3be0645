/** Does work on the numbers from 0 on, two at a time: every machine that builds this has two processors. */
export async function eachOf(count: number, work: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all([lane(), lane()]);
}
