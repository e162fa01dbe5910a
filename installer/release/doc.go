// Command release builds what is published of a version: executables for every
// platform, Debian packages, the script of a Windows installer, a list of what
// is inside (SBOM), check sums and signatures.
//
//	go run ./installer/release --out dist --key release.key
//
// The same source and the same version give the same bytes, whoever builds
// them and wherever: paths are trimmed, nothing of the time of day is written,
// files in packages have the time of the commit. Compare SHA256SUMS.
package main
