/* The picture beside the forms: the gate of a sekisho on the Hakone road, after the woodblock prints. It tells the
 * state at a glance: closed, waiting (light between the doors), open, and closed again when something failed. It
 * says nothing that the page's own sentences do not say, so it is hidden from screen readers. */

const MOUNTAINS = `
  <linearGradient id="far" x1="0" y1="0" x2="0" y2="1"><stop class="far-top" offset="0"/><stop class="fade" offset="1"/></linearGradient>
  <linearGradient id="mid" x1="0" y1="0" x2="0" y2="1"><stop class="mid-top" offset="0"/><stop class="fade" offset="1"/></linearGradient>
  <linearGradient id="near" x1="0" y1="0" x2="0" y2="1"><stop class="near-top" offset="0"/><stop class="near-low" offset="1"/></linearGradient>
  <linearGradient id="beam-light" x1="0" y1="0" x2="0" y2="1"><stop class="glow" offset="0"/><stop class="glow-none" offset="1"/></linearGradient>
  <radialGradient id="halo"><stop class="glow" offset="0"/><stop class="glow-none" offset="1"/></radialGradient>`;

const BACKGROUND = `
  <circle class="moon" cx="508" cy="176" r="38"/>
  <path fill="url(#far)" d="M-40 716C150 640 262 500 318 364q5-9 12-10 8 5 14 1 8 5 16 1 8 4 14-1 8 1 12 9C442 500 554 640 744 716z"/>
  <path class="snow" d="M318 364q5-9 12-10 8 5 14 1 8 5 16 1 8 4 14-1 8 1 12 9 12 30 29 61l-20-14-14 32-20-26-12 36-20-34-14 22-26-16q17-31 29-61z"/>
  <g class="mist mist-high"><rect x="-120" y="262" width="300" height="13" rx="6.5"/><rect x="-40" y="286" width="150" height="8" rx="4"/><rect x="470" y="318" width="420" height="15" rx="7.5"/><rect x="520" y="343" width="220" height="9" rx="4.5"/></g>
  <path fill="url(#mid)" d="M-340 700c120-60 240-70 320-30 70-80 136-94 206-50 58 36 110 40 172-12 66-56 140-60 196-22 50 34 78 44 126 20 90-46 200-30 300 30v230h-1320z"/>
  <path fill="url(#near)" d="M-340 770c110-50 220-60 320-18 90-52 170-34 262-8 90 26 176-6 262-44 66-28 120-22 176-4 90 26 190 20 300 60v130h-1320z"/>
  <g class="mist mist-low"><rect x="-260" y="628" width="430" height="18" rx="9"/><rect x="-80" y="655" width="370" height="12" rx="6"/><rect x="424" y="646" width="430" height="16" rx="8"/><rect x="360" y="671" width="230" height="10" rx="5"/></g>
  <g class="cedars">
    <path d="M52 552c17 54 32 124 36 220H16c4-96 19-166 36-220z"/><path d="M118 616c12 40 22 90 26 156H92c4-66 14-116 26-156z"/>
    <path d="M556 534c17 56 33 130 37 238h-74c4-108 20-182 37-238z"/><path d="M622 600c13 44 25 98 29 172h-58c4-74 16-128 29-172z"/>
    <path d="M-88 590c14 46 26 104 30 182h-60c4-78 16-136 30-182z"/><path d="M736 570c15 50 28 112 32 202h-64c4-90 17-152 32-202z"/>
  </g>`;

/* A board fence under a cap, from one x to another. */
const fence = (from, to) => {
  let boards = '';
  for (let x = from + 17; x < to; x += 17) boards += `M${x} 734v76`;
  return `
    <path class="fence" d="M${from} 730h${to - from}v82h${from - to}z"/><path class="board" d="${boards}"/>
    <path class="cap" d="M${from} 718h${to - from}v14h${from - to}z"/>`;
};

const door = (x) => `
  <rect class="door" x="${x - 0.5}" y="572" width="96" height="236"/>
  <path class="plank" d="M${x + 24} 572v236M${x + 47.5} 572v236M${x + 71} 572v236"/>
  <path class="band" d="M${x} 604h95M${x} 690h95M${x} 776h95"/>`;

const GATE = `
  <rect class="ground" x="-340" y="806" width="1320" height="200"/>
  <path class="road" d="M232 806h176l170 200H62z"/>
  <g class="beyond">
    <rect class="beyond-sky" x="225" y="572" width="190" height="236"/>
    <circle class="sun" cx="320" cy="716" r="50"/>
    <path class="beyond-hill" d="M225 760c40-20 66-14 95-2 32 12 60 8 95-10v60H225z"/>
    <path class="beyond-road" d="M311 764h18l40 44h-98z"/>
  </g>
  <g class="leaf leaf-left">${door(225)}</g>
  <g class="leaf leaf-right">${door(320)}</g>
  <rect class="leak" x="318" y="574" width="4" height="232"/>
  <ellipse class="halo" cx="320" cy="700" rx="190" ry="210" fill="url(#halo)"/>
  <path class="spill" d="M232 808h176l104 198H128z" fill="url(#beam-light)"/>
  ${fence(-340, 193)}${fence(447, 980)}
  <g class="timber">
    <path d="M193 436h32v376h-32zM415 436h32v376h-32z"/>
    <path d="M118 492h404l-8 32H126z"/>
    <path d="M225 556h190v16H225z"/>
  </g>
  <path class="iron" d="M190 432h38v9h-38zM412 432h38v9h-38zM193 504h32v8h-32zM415 504h32v8h-32z"/>
  <path class="stone" d="M184 806h50l6 16h-62zM406 806h50l6 16h-62z"/>`;

const SEAL = `
  <g class="seal" transform="translate(566 892)">
    <rect width="38" height="38" rx="5"/><path d="M13 9v21M25 9v21M7.5 14.500h23"/><circle cx="19" cy="23" r="2.8"/>
  </g>`;

/** Draws the scene into its place; returns a function that sets the state: closed, waiting, open or failed. */
export function drawScene(host) {
  const svg = new DOMParser().parseFromString(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 960" preserveAspectRatio="xMidYMax slice" focusable="false">
      <defs>${MOUNTAINS}</defs>${BACKGROUND}${GATE}${SEAL}
    </svg>`,
    'image/svg+xml',
  );
  host.replaceChildren(document.importNode(svg.documentElement, true));
  host.dataset.state = 'closed';
  return (state) => {
    host.dataset.state = state;
  };
}
