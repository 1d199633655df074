// What the doors of the package import from outside, and nothing of ours: the measure of their first import.
import "@noble/hashes/legacy.js";
import "@noble/hashes/sha2.js";
import "@noble/hashes/utils.js";
import "base32-decode";
import "base32-encode";
