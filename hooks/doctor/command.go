package doctor

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shohay/shohay/hooks/i18n"
	"github.com/spf13/cobra"
)

// Command is doctor; dir tells the data folder, and wrong is what it ends with
// when something is wrong.
func Command(d Deps, dir func() string, wrong error) *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Print what is wrong and what to do, while the server runs or not (exit code 1 when something is wrong)",
		Long: "Print what is wrong and what to do, one line for each check: ok, warning or wrong.\n" +
			"It reads the data folder and changes nothing, while the server runs or not.\n" +
			"The exit code is 0 when nothing is wrong, else 1. It speaks the language of LC_ALL, LC_MESSAGES or LANG.",
		Example: "  shohay doctor\n  sudo shohay doctor --dir /var/lib/shohay",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d.Dir = dir()
			lang := Language(os.Getenv)
			if Print(c, c.OutOrStdout(), New(d, lang)) > 0 {
				return wrong
			}
			return nil
		},
	}
	c.Flags().StringVar(&d.URL, "url", "", "address at which the server should answer (default the shop's own)")
	return c
}

// BundleCommand is support-bundle.
func BundleCommand(d Deps, dir func() string) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "support-bundle",
		Short: "Pack what somebody who helps you needs to know into a zip, without anything about people",
		Long: "Pack what somebody who helps you needs to know into a zip: the log, what doctor says, versions, the tables\n" +
			"and how many rows each has, settings that are switches, numbers or choices. Names, addresses, messages and\n" +
			"passwords are not in it; look into it before you send it. It works while the server runs or not.",
		Example: "  shohay support-bundle\n  sudo shohay support-bundle --dir /var/lib/shohay --out bundle.zip",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d.Dir = dir()
			name := out
			if name == "" {
				name = "shohay-support-" + time.Now().UTC().Format("20060102T150405Z") + ".zip"
			}
			if err := Bundle(c.Context(), name, New(d, i18n.Fallback)); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), name)
			return nil
		},
	}
	c.Flags().StringVar(&out, "out", "", "file to write, which must not exist (default shohay-support-TIME.zip in this folder)")
	c.Flags().StringVar(&d.URL, "url", "", "address at which the server should answer (default the shop's own)")
	return c
}

// Print examines and writes one line for each check, and how many things are
// wrong; it returns that number.
func Print(c *cobra.Command, w io.Writer, d *Doctor) int {
	width := 0
	for _, state := range []string{"ok", "warn", "bad"} {
		width = max(width, utf8.RuneCountInString(stateWord(d.lang, state)))
	}
	bad, warn := d.Examine(c.Context(), func(l Line) {
		state := stateWord(d.lang, l.State)
		text := l.Label + ": " + l.Said
		if l.Do != "" {
			text += " → " + l.Do
		}
		fmt.Fprintln(w, state+strings.Repeat(" ", width-utf8.RuneCountInString(state)+2)+strings.ReplaceAll(text, "\n", " "))
	})
	switch {
	case bad > 0:
		fmt.Fprintln(w, "\n"+i18n.T(d.lang, "watch.sum_bad", i18n.V{"n": bad}))
	case warn > 0:
		fmt.Fprintln(w, "\n"+i18n.T(d.lang, "watch.sum_warn", i18n.V{"n": warn}))
	default:
		fmt.Fprintln(w, "\n"+i18n.T(d.lang, "watch.sum_ok"))
	}
	return bad
}

func stateWord(lang, state string) string { return i18n.T(lang, fmt.Sprintf("doctor.state_%s", state)) }
