/** What the browser keeps for this wallet, in one IndexedDB: values by name. It knows nothing of what they are. */

const NAME = "hospes-wallet";
const STORE = "kept";

export async function load<T>(key: string): Promise<T | undefined> {
  return run("readonly", (store) => store.get(key)) as Promise<T | undefined>;
}

export async function save(key: string, value: unknown): Promise<void> {
  await run("readwrite", (store) => store.put(value, key));
}

export async function forget(key: string): Promise<void> {
  await run("readwrite", (store) => store.delete(key));
}

export async function keys(): Promise<string[]> {
  return (await run("readonly", (store) => store.getAllKeys())) as string[];
}

/** Resolves when the transaction is complete: then it is durable, not only accepted. */
async function run(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new DOMException("no database", "UnknownError"));
  });
}
