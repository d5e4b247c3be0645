package words

import "strings"

// Reverse returns the string with its characters in the opposite order.
func Reverse(s string) string {
	runes := []rune(s)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

// CountWords returns how often each word occurs in the text.
func CountWords(text string) map[string]int {
	counts := make(map[string]int)
	
}
