((read) => document.prerendering ? document.addEventListener("prerenderingchange", read, {once: true}) : read())(() => navigator.sendBeacon(document.querySelector("article").dataset.view))
