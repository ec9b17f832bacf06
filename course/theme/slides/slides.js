// Starts reveal.js, and makes whatever is too tall or too wide for its slide smaller instead of cutting it off.
const WIDTH = 960, HEIGHT = 700;

function tooTall(section) { return section.scrollHeight > HEIGHT + 1; }

function fitWidth(section) {
  for (const wide of section.querySelectorAll("mjx-container[display], table, .highlight, pre")) {
    const room = wide.parentElement.clientWidth || WIDTH;
    if (wide.scrollWidth > room + 1) wide.style.zoom = Math.max(0.4, room / wide.scrollWidth).toFixed(3);
  }
}

function fit(section) {
  if (!section || section.dataset.fitted) return;
  section.dataset.fitted = "1";
  fitWidth(section);
  // Pictures give way first: a smaller picture is still a picture, smaller letters are lost on the back row.
  for (let height = 660; height >= 260 && tooTall(section); height -= 20) {
    section.style.setProperty("--picture-height", `${height}px`);
  }
  for (let zoom = 0.95; zoom >= 0.5 && tooTall(section); zoom -= 0.05) {
    for (const child of section.children) child.style.zoom = zoom;
  }
}

function current() {
  const section = Reveal.getCurrentSlide();
  return section && (section.querySelector("section.present") || section);
}

Reveal.initialize({
  width: WIDTH, height: HEIGHT, margin: 0.04, hash: true, transition: "none", slideNumber: "c/t",
  controls: true, progress: true, plugins: [RevealNotes],
}).then(async () => {
  await (window.MathJax.startup ? MathJax.startup.promise : Promise.resolve());
  await document.fonts.ready;
  Reveal.on("slidechanged", () => { fit(current()); Reveal.layout(); });
  fit(current());
  Reveal.layout();
  document.documentElement.dataset.ready = "1";
});
