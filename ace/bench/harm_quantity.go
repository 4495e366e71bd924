package main

import "time"

// What works of harms show.
var (
	calmMedian   = harmQuantity{column{"calm: median ms", "%.2f"}, func(r harmRound) float64 { return ms(r.calm, 50) }}
	harmedMedian = harmQuantity{column{"harmed: median ms", "%.2f"}, func(r harmRound) float64 { return ms(r.harmed, 50) }}
	medianRatio  = harmQuantity{column{medianRatioHeader, "%.2f"}, func(r harmRound) float64 { return ms(r.harmed, 50) / ms(r.calm, 50) }}
	calmP99      = harmQuantity{column{"calm: p99 ms", "%.2f"}, func(r harmRound) float64 { return ms(r.calm, 99) }}
	elsewhereP99 = harmQuantity{column{"elsewhere: p99 ms", "%.2f"}, func(r harmRound) float64 { return ms(r.elsewhere, 99) }}
	harmedP99    = harmQuantity{column{"harmed: p99 ms", "%.2f"}, func(r harmRound) float64 { return ms(r.harmed, 99) }}
	p99Ratio     = harmQuantity{column{p99RatioHeader, "%.2f"}, func(r harmRound) float64 { return ms(r.harmed, 99) / ms(r.calm, 99) }}
	namedShare   = harmQuantity{column{namedHeader, "%.2f"}, harmRound.named}
	moreRoutines = harmQuantity{column{leftRoutinesHeader, "%.0f"}, func(r harmRound) float64 { return float64(r.after.goroutines - r.before.goroutines) }}
	moreFiles    = harmQuantity{column{leftDescriptorsHeader, "%.0f"}, func(r harmRound) float64 { return float64(r.after.descriptors - r.before.descriptors) }}
	moreMemory   = harmQuantity{column{leftMemoryHeader, "%.1f"}, func(r harmRound) float64 { return float64(r.after.rss-r.before.rss) / (1 << 20) }}
	grownMemory  = harmQuantity{column{grownHeader, "%.1f"}, func(r harmRound) float64 { return float64(r.peak-r.rss) / (1 << 20) }}
	costEach     = harmQuantity{column{attackHeader, "%.2f"}, func(r harmRound) float64 { return r.cpu.Seconds() * 1e3 / float64(max(r.outcomes.count(), 1)) }}
	attackCount  = harmQuantity{column{"attacks", "%.0f"}, func(r harmRound) float64 { return float64(r.outcomes.count()) }}
)

// ms returns a percentile of sorted times in milliseconds.
func ms(sorted []time.Duration, p float64) float64 { return percentile(sorted, p).Seconds() * 1e3 }

// named returns for what share of what was done the trace has told the reason.
func (r harmRound) named() float64 {
	told, done := r.told[r.harm.told], r.outcomes.count()
	if r.harm.scarce {
		done = 1
	}
	return min(float64(told)/float64(max(done, 1)), 1)
}
