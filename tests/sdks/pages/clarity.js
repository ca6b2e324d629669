// Its code is open; its loader would fetch it from the vendor. Nothing masked.
import { clarity } from "clarity-js";

clarity.start({
  projectId: "cprvagt",
  upload: "https://in.clarity.test/collect",
  content: true,
  track: true,
  delay: 500,
  unmask: ["body"],
});
