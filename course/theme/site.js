// A box that scrolls sideways must be reachable by keyboard: give it a tab stop and a name.
document.addEventListener("DOMContentLoaded", () => {
  const boxes = document.querySelectorAll(
    ".bd-article pre, .bd-article div.cell_output .output, .bd-article .pst-scrollable-table-container"
  );
  for (const box of boxes) {
    if (box.scrollWidth > box.clientWidth && !box.hasAttribute("tabindex")) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", "Scrolls sideways");
    }
  }
});
