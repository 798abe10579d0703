// What the desk does where scripts run. Every page works without it.
"use strict";

document.documentElement.classList.add("scripted");

// Tells whoever cannot see it what has just happened. Other scripts of the desk call it, too.
window.say = (words) => {
  const said = document.getElementById("said");
  said.textContent = "";
  requestAnimationFrame(() => { said.textContent = words; });
};
