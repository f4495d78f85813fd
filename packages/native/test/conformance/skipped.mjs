/** Tests of tfjs-core that cannot hold here, each with its reason. */
export const skipped = [];
