// A template is tried while it is typed: the mail beside it follows. Without this, the form's own button does it.

const form = /** @type {HTMLFormElement} */ (document.getElementById("edit"));
const text = /** @type {HTMLTextAreaElement} */ (document.getElementById("text"));
const PAUSE = 500; // ms without a key: half a word is no template
let waiting = 0;
let asked = 0;
let kept = text.value;

const tryIt = async () => {
  const number = (asked += 1);
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/html" } });
  if (number !== asked) return; // a later one is under way
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const result = page.getElementById("result");
  if (!result) { // too long, or signed out: the page says which
    window.say(page.querySelector("main")?.textContent.trim() ?? "It could not be tried.");
    return;
  }
  const old = document.getElementById("result");
  if (old.querySelector("iframe") && result.querySelector("iframe")) swap(old, result);
  else old.replaceWith(document.adoptNode(result));
  history.replaceState(null, "", answer.url);
  window.say(result.dataset.summary);
};

/** Frames are kept where there are any: the mail does not flicker while somebody types. */
const swap = (old, fresh) => {
  const frames = [...old.querySelectorAll("iframe")];
  [...fresh.querySelectorAll("iframe")].forEach((frame, place) => frames[place].setAttribute("src", frame.getAttribute("src")));
  for (const which of ["nav", "pre"]) old.querySelector(which).replaceWith(document.adoptNode(fresh.querySelector(which)));
  old.querySelector("details.notice")?.remove();
  const found = fresh.querySelector("details.notice");
  if (found) old.querySelector("nav").after(document.adoptNode(found));
};

if (!text.readOnly) {
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(tryIt, PAUSE);
  });
  form.addEventListener("submit", () => { kept = text.value; });
  addEventListener("beforeunload", (event) => { if (text.value !== kept) event.preventDefault(); });
}
