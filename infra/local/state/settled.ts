/** A promise that is settled from outside. Nobody has to listen to it. */
export interface Settled {
  promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

export function settled(): Settled {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onEnd, onFailure) => {
    resolve = onEnd;
    reject = onFailure;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
