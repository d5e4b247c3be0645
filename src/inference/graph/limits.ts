/** Candidates that leave the graph for each wanted row: the bound on top-k sampling. */
export const TOP_K = 64;
