// An editor's last word, quicker: changes without leaving the page, stories dragged by their handles, keys, and dialogs. Each ends in one of the
// page's own forms; without this script those do it by themselves.

const root = document.getElementById("content");
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("dialog"));
const board = () => document.getElementById("board");
const phone = /** @type {HTMLIFrameElement} */ (document.getElementById("phone"));
const dark = /** @type {HTMLInputElement} */ (document.getElementById("dark"));

/** The phone shows what the board says it should. */
const show = () => {
  const address = board().dataset.frame + (dark.checked ? "&colours=dark" : "");
  if (phone.getAttribute("src") !== address) phone.setAttribute("src", address);
};
dark.addEventListener("change", show);
document.addEventListener("renewed", (event) => { show(); refresh(event.detail); });

// Changes are sent one after the other, each with what the page had shown when its turn came: keys may be pressed faster than the desk answers.
let turn = Promise.resolve();
/** @param {() => Promise<void>} send */
const queue = (send) => {
  turn = turn.then(send).catch(() => window.say("The desk did not answer: nothing was changed."));
  return turn;
};

/** @param {Document} page @param {string} focus the id of what had the focus, or should get it */
const take = (page, focus) => {
  const seen = root.querySelector(".board [name=seen]").value;
  const fresh = page.querySelector(".board [name=seen]").value;
  const place = [...root.querySelectorAll(".handle")].findIndex((one) => one.closest(".story").contains(document.activeElement));
  for (const id of ["board", "out"]) document.getElementById(id).replaceWith(page.getElementById(id));
  for (const form of page.querySelectorAll("form.wording")) takeWords(document.getElementById(form.id), form, seen, fresh);
  document.querySelector("[data-live=head]")?.replaceWith(page.querySelector("[data-live=head]"));
  show();
  const wanted = [focus, `handle-${focus.split("-").pop()}`].map((id) => document.getElementById(id)).find((one) => one && !one.disabled);
  const next = [...root.querySelectorAll(".handle")].slice(0, place + 1).pop(); // where a story was dropped
  (wanted ?? next ?? document.getElementById("undo"))?.focus();
  wanted?.closest(".story")?.scrollIntoView({ block: "nearest" });
  document.getElementById("did")?.remove();
  const did = page.getElementById("did");
  if (did) { root.before(did); window.say(did.textContent); }
};

/** A form in which somebody is writing keeps their words, and what they had seen when they began. */
const takeWords = (old, form, seen, fresh) => {
  if (!old) return;
  if (!written(old)) old.replaceWith(form);
  else if (old.elements.seen.value === seen) old.elements.seen.value = fresh;
};
/** @param {HTMLFormElement} form */
const written = (form) => [...form.querySelectorAll("input:not([type=hidden]), textarea")].some((one) => one.value !== one.defaultValue);

/** Words that somebody else changed; what is being written, and what it was begun upon, stays. @param {Document} page */
const refresh = (page) => {
  for (const form of page.querySelectorAll("form.wording")) {
    const old = document.getElementById(form.id);
    if (!old || written(old) || old.outerHTML === form.outerHTML) continue;
    const held = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(form);
    if (held) document.getElementById(held)?.focus();
  }
};

/** @param {HTMLFormElement} form @param {HTMLButtonElement | null} button @param {string} change instead of a button's @param {string} focus */
const post = async (form, button, change, focus) => {
  const said = new FormData(form);
  said.delete("q");
  said.set("csrf", root.querySelector("[name=csrf]").value);
  if (change) said.set("change", change);
  else if (button?.name) said.set(button.name, button.value);
  root.classList.add("busy");
  try {
    const answer = await fetch(button?.getAttribute("formaction") ?? form.getAttribute("action"), { method: "POST", body: new URLSearchParams(said) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok && page.getElementById("board")) {
      if (dialog.open) dialog.close();
      if (form.matches(".wording")) form.reset();
      take(page, focus);
    } else {
      instead(page);
    }
  } finally {
    root.classList.remove("busy");
  }
};
const send = (...said) => queue(() => post(...said));

/** The desk said no: two editors at once, or what is not possible. Its page goes into this one, and says so. @param {Document} page */
const instead = (page) => {
  if (dialog.open) dialog.close();
  document.getElementById("main").replaceChildren(...page.getElementById("main").childNodes);
  const title = document.querySelector("#main h1, #conflict-title");
  (document.getElementById("conflict") ?? document.getElementById("main")).focus();
  window.say((document.getElementById("conflict-title") ?? title)?.textContent ?? "");
  scrollTo({ top: 0 });
};

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.matches("[data-searches]")) {
    event.preventDefault();
    open(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`, opener);
  } else if (form.id === "search") {
    event.preventDefault();
    history.replaceState(null, "", `?${new URLSearchParams(new FormData(form))}#more`);
    window.renew();
  } else if (event.submitter?.id === "look") {
    event.preventDefault();
    look(form);
  } else if (form.matches(".board, .wording, .picking")) {
    event.preventDefault();
    send(form, event.submitter, "", dialog.open ? opener : document.activeElement.id || event.submitter?.id || "");
  }
});

/** The introduction as it would stand, below what is being written. @param {HTMLFormElement} form */
const look = async (form) => {
  const answer = await fetch(document.getElementById("look").getAttribute("formaction"), { method: "POST", body: new URLSearchParams(new FormData(form)) });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("preview");
  const preview = document.getElementById("preview");
  if (!fresh || !preview) return void window.say("It cannot be shown.");
  preview.replaceChildren(...fresh.childNodes);
  preview.hidden = false;
};
let writing = 0;
root.addEventListener("input", (event) => {
  if (event.target.id !== "introduction") return;
  clearTimeout(writing);
  writing = setTimeout(() => look(event.target.form), 300); // ms: not at every key
});

// Dialogs: pages of their own, shown in this one.
let opener = "";
/** @param {string} address @param {string} from the id of what opens it */
const open = async (address, from) => {
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const pick = page.getElementById("pick");
  if (!pick) return void location.assign(address);
  opener = from;
  dialog.replaceChildren(pick);
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("textarea, input[type=search]") ?? dialog.querySelector("#pick-title")).focus();
};
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-dialog]");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    open(link.href, link.id);
  } else if (event.target.closest("[data-close]") && dialog.open) {
    event.preventDefault();
    dialog.close();
  }
});
dialog.addEventListener("close", () => document.getElementById(opener)?.focus());

// Keys, on a story's handle.
const DEEDS = { l: "lead", p: "pin", d: "drop", q: "quote", s: "swap", w: "words" };
const NO_FURTHER = { up: "It cannot go further up.", down: "It cannot go further down." };
/** The button is looked for when its turn comes: it brings another change then. @param {HTMLElement} story @param {string} deed */
const press = (story, deed) => queue(async () => {
  const button = document.getElementById(`${deed}-${story.dataset.story}`);
  if (!button || button.disabled) window.say(NO_FURTHER[deed] ?? "");
  else if (button.matches("a")) open(button.href, `handle-${story.dataset.story}`);
  else await post(button.form, button, "", `handle-${story.dataset.story}`);
});
/** @param {HTMLElement} story @param {number} after */
const move = (story, after) => {
  const change = { do: "move", article: Number(story.dataset.story), after };
  send(story.closest("form"), null, JSON.stringify(change), `handle-${story.dataset.story}`);
};
/** @param {HTMLElement} handle @param {number} step */
const walk = (handle, step) => {
  const handles = [...root.querySelectorAll(".handle")];
  handles[handles.indexOf(handle) + step]?.focus();
};
root.addEventListener("keydown", (event) => {
  const handle = event.target.closest(".handle");
  if (!handle || event.altKey || event.ctrlKey || event.metaKey) return;
  const story = handle.closest(".story");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "ArrowUp") press(story, "up");
  else if (key === "ArrowDown") press(story, "down");
  else if (key === "Home") { if (story.previousElementSibling) move(story, 0); }
  else if (key === "j") walk(handle, 1);
  else if (key === "k") walk(handle, -1);
  else if (key in DEEDS) press(story, DEEDS[key]);
  else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.target.closest("input, textarea") || dialog.open) return;
  const button = document.getElementById(event.shiftKey ? "redo" : "undo");
  if (!button || button.disabled) return;
  event.preventDefault();
  send(button.form, button, "", document.activeElement?.id || "undo");
});

// Dragging, with whatever points: a story goes before or behind another of its section, or to the place of the lead.
const MARKS = ["before", "behind", "instead"];
let drag = null;
const unmark = () => root.querySelectorAll(".story").forEach((one) => one.classList.remove(...MARKS));
const end = () => {
  unmark();
  drag?.story.classList.remove("dragged");
  root.classList.remove("dragging");
  drag = null;
};
/** @param {PointerEvent} event */
const aim = (event) => {
  const over = document.elementFromPoint(event.clientX, event.clientY)?.closest(".story");
  unmark();
  drag.aim = null;
  if (!over || over === drag.story) return;
  const box = over.getBoundingClientRect();
  const before = event.clientY < box.top + box.height / 2;
  const article = Number(drag.story.dataset.story);
  if (over.matches(".lead-story")) {
    over.classList.add("instead");
    drag.aim = { do: "lead", article };
  } else if (over.parentElement === drag.story.parentElement) {
    over.classList.add(before ? "before" : "behind");
    const neighbour = before ? over.previousElementSibling : over;
    if (neighbour !== drag.story) drag.aim = { do: "move", article, after: Number(neighbour?.dataset.story ?? 0) };
  } else if ("alone" in drag.story.dataset) {
    over.classList.add(before ? "before" : "behind");
    drag.aim = aside(over.parentElement, before);
  }
};
/** One that is alone takes its section along. @param {Element} list @param {boolean} before */
const aside = (list, before) => {
  const lists = [...root.querySelectorAll("[data-section]")];
  const own = drag.story.parentElement;
  const neighbour = before ? lists[lists.indexOf(list) - 1] : list;
  return neighbour === own ? null : { do: "move section", section: own.dataset.section, after: neighbour?.dataset.section ?? "" };
};
root.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest(".handle");
  if (!handle || event.button !== 0) return;
  drag = { story: handle.closest(".story"), aim: null, moved: false, x: event.clientX, y: event.clientY };
  handle.setPointerCapture(event.pointerId);
});
root.addEventListener("pointermove", (event) => {
  if (!drag) return;
  drag.moved ||= Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > 4;
  if (!drag.moved) return;
  drag.story.classList.add("dragged");
  root.classList.add("dragging");
  aim(event);
});
root.addEventListener("pointerup", () => {
  const done = drag;
  end();
  if (!done?.aim) return;
  send(done.story.closest("form"), null, JSON.stringify(done.aim), `handle-${done.story.dataset.story}`);
});
root.addEventListener("pointercancel", end);
document.addEventListener("keydown", (event) => { if (drag && event.key === "Escape") end(); });

// How long a line is while it is written, and how much of it a phone shows.
root.addEventListener("input", (event) => {
  const field = event.target.closest("[data-count]");
  if (!field) return;
  const [phoneShows, desktopShows] = field.dataset.count.split(" ").map(Number);
  const length = [...field.value].length;
  const more = length > desktopShows ? ": cut off everywhere" : length > phoneShows ? `: a phone cuts it off behind “${[...field.value].slice(0, phoneShows).join("").split(" ").pop()}”` : "";
  field.form.querySelector("output").textContent = `${length} characters${more}`;
});
