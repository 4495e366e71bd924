//go:build race

package ace_test

const withRaceDetector = true
