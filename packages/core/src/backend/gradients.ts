// tfjs-core's Node build registers no gradients; these are its own, bundled into ours (both find one global registry).
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
