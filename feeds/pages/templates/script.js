"use strict";

// A page that a browser loads ahead of time is read only once it is shown.
function whenRead(act) {
  if (document.prerendering) document.addEventListener("prerenderingchange", act, { once: true });
  else act();
}

const article = document.querySelector("[data-view]");
if (article) whenRead(() => navigator.sendBeacon(article.dataset.view));

function offer(selector, isThere, act) {
  for (const button of document.querySelectorAll(selector)) {
    button.hidden = !isThere;
    button.addEventListener("click", () => act(button));
  }
}

offer("[data-print]", true, () => print());
offer("[data-share]", "share" in navigator, () =>
  navigator.share({ title: document.querySelector("h1").textContent, url: location.href }).catch(() => {}));

offer("[data-copy]", "clipboard" in navigator, (button) =>
  navigator.clipboard.writeText(button.dataset.copy).then(() => { button.textContent = button.dataset.copied; }));

// What is cut off can be scrolled by keyboard, too.
for (const wide of document.querySelectorAll(".e-content :is(table, pre)"))
  if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;

const here = document.querySelector(".masthead [aria-current]");
if (here) here.closest("ul").scrollLeft = here.offsetLeft - innerWidth / 2;
