// Sliders that are tried at once: the list beside them and the phone follow. Without this, the form's own button does it.

const form = /** @type {HTMLFormElement} */ (document.getElementById("weights"));
const PAUSE = 250; // ms without a move before it is tried: a slider says a hundred numbers on its way
let waiting = 0;
let asked = 0;

/** @param {Element} row @returns {[HTMLInputElement, HTMLInputElement]} the slider and the number of one weight */
const inputs = (row) => [row.querySelector('input[type="range"]'), row.querySelector('input[type="number"]')];

/** @returns {string} the page's address with what is otherwise than digest.toml has it */
const address = () => {
  const said = new URLSearchParams();
  for (const row of form.querySelectorAll(".weight.changed")) said.set(inputs(row)[1].name, inputs(row)[1].value);
  return `${form.action}${said.size ? `?${said}` : ""}`;
};

/** @param {Element} row */
const mark = (row) => {
  const changed = Number(inputs(row)[1].value) !== Number(row.dataset.kept);
  row.classList.toggle("changed", changed);
  row.querySelector("[data-back]")?.toggleAttribute("hidden", !changed);
};

const tryThem = async () => {
  if (!form.checkValidity()) return void form.reportValidity();
  const number = (asked += 1);
  const answer = await fetch(address(), { headers: { Accept: "text/html" } });
  if (number !== asked) return; // a later one is under way
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const result = page.getElementById("result");
  if (!result) return void location.reload(); // signed out, or the desk is gone
  document.getElementById("result").replaceWith(result);
  const frame = document.getElementById("tried-frame");
  const next = page.getElementById("tried-frame").getAttribute("src");
  if (frame.getAttribute("src") !== next) frame.setAttribute("src", next);
  history.replaceState(null, "", address());
  window.say(page.querySelector(".notice.bad")?.textContent ?? result.dataset.summary);
};

form.addEventListener("input", (event) => {
  const row = event.target.closest(".weight");
  const [slider, figure] = inputs(row);
  if (event.target === slider) figure.value = slider.value;
  else if (figure.value !== "") slider.value = figure.value;
  mark(row);
  clearTimeout(waiting);
  waiting = setTimeout(tryThem, PAUSE);
});

form.addEventListener("click", (event) => {
  const row = event.target.closest("[data-back]")?.closest(".weight");
  if (!row) return;
  for (const input of inputs(row)) input.value = row.dataset.kept;
  inputs(row)[0].focus();
  mark(row);
  tryThem();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  tryThem();
});
