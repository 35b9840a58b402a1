// What must not compile. Each wrong line carries the number of the error that the compiler gives it, and what is wrong.
import { limits, PresignError, upload, type Limits, type Progress, type UploadError, type UploadEvent, type UploadResult, type UploadTask } from "presign-client";
import { upload as fromWeb } from "presign-client/web";

declare const file: File;
declare const input: HTMLInputElement;
declare const result: UploadResult;
declare const event: UploadEvent;
declare const error: UploadError;
declare const progress: Progress;
declare const allowed: Limits;
declare const task: UploadTask;
declare const results: readonly UploadResult[];

// What is to be uploaded.
// @ts-expect-error 2345: a string can be iterated, but is no list of files
upload("photo.png");
// @ts-expect-error 2345: one file is no list of files
upload(file);
// @ts-expect-error 2345: `files` is null where the input is of another type
upload(input.files);
// @ts-expect-error 2739: a blob has no name
upload([new Blob()]);
// @ts-expect-error 2740: a name has no bytes
upload([{ name: "a.txt" }]);
// @ts-expect-error 2353: bytes are a Blob
upload([{ name: "a.txt", blob: "text" }]);
// @ts-expect-error 2554: nothing to upload
upload();
// @ts-expect-error 2345: the other entry point is as strict
fromWeb(5);

// How.
// @ts-expect-error 2322: the endpoint is text
upload([file], { endpoint: 8080 });
// @ts-expect-error 2561: the option is called `endpoint`
upload([file], { endpoints: "/up" });
// @ts-expect-error 2322: the concurrency is a number
upload([file], { concurrency: "6" });
// @ts-expect-error 2353: the option is called `attempts`
upload([file], { retry: { retries: 3 } });
// @ts-expect-error 2559: how often is one of several options
upload([file], { retry: 3 });
// @ts-expect-error 2740: it is the controller's `signal`
upload([file], { signal: new AbortController() });
// @ts-expect-error 2322: there is no such word
upload([file], { credentials: "always" });
// @ts-expect-error 2322: a header's value is text
upload([file], { headers: { "x-number": 5 } });
// @ts-expect-error 2322: metadata is text
upload([file], { metadata: { page: 5 } });
// @ts-expect-error 2322: metadata is not waited for
upload([file], { metadata: async () => ({ page: "5" }) });
// @ts-expect-error 2322: an event's `index` is no progress
upload([file], { onProgress: (index: number) => console.log(index) });
// @ts-expect-error 2353: limits() cancels nothing
limits({ signal: new AbortController().signal });

// What comes of it.
// @ts-expect-error 2339: only a file that is done has a key
console.log(result.key);
// @ts-expect-error 2339: only a file that failed has an error
console.log(result.error);
// @ts-expect-error 2339: one that was cancelled has no error
if (result.status === "cancelled") console.log(result.error);
// @ts-expect-error 2367: the word is "done"
if (result.status === "success") console.log("stored");
// @ts-expect-error 2532: there may be no first result
results[0].status;
// @ts-expect-error 2339: results come with awaiting
task.length;
// @ts-expect-error 2345: a file is cancelled by its index
task.cancel(file);
// @ts-expect-error 2488: events are iterated over by `for await`
for (const each of task) console.log(each);
// @ts-expect-error 2339: only some events have progress
console.log(event.progress);
// @ts-expect-error 2339: the start of a file has no result
if (event.type === "start") console.log(event.result);
// @ts-expect-error 2367: the word is "end"
if (event.type === "complete") console.log("ended");
// @ts-expect-error 2322: an ETag may be hidden
const etag: string = result.status === "done" ? result.etag : "";
// @ts-expect-error 18046: what the application says is of no type that anybody knows
if (result.status === "done") console.log(result.data.id);
// @ts-expect-error 2322: a server may not verify
const receipt: string = result.status === "done" ? result.receipt : "";
// @ts-expect-error 18048: no answer has no status
console.log(error.status > 499);
// @ts-expect-error 18048: there may be no speed to reckon with
console.log(progress.secondsLeft + 1);
// @ts-expect-error 18048: where any type may be, there is no list
console.log(allowed.types.length);
// @ts-expect-error 2322: a code is text
const code: number = error.code;

// What is handed out is not for changing.
// @ts-expect-error 2540: a result
result.status = "done";
// @ts-expect-error 2339: the list of results
results.push(result);
// @ts-expect-error 2542: the list of results
results[0] = result;
// @ts-expect-error 2540: an error
error.message = "";
// @ts-expect-error 2540: progress
progress.files.done = 3;
// @ts-expect-error 2540: limits
allowed.maxSize = 1;
// @ts-expect-error 2540: a thrown error
new PresignError(error).code = "network";
// @ts-expect-error 2632: an import
upload = fromWeb;

export { etag, receipt, code };
