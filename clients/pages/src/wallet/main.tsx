import { render } from "preact";

render(<main id="main"><h1>Hospes</h1></main>, document.getElementById("page")!);
