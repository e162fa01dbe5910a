package setup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
	"github.com/shohay/shohay/hooks/settings"
	"github.com/spf13/cobra"
)

// linkFile is the file with the link to a new shop, in its data folder.
const linkFile = "first-link.txt"

// usualBase is where serve listens if nothing else is said.
const usualBase = "http://127.0.0.1:8090"

// FileOf is the path of the file with the link.
func FileOf(app core.App) string { return filepath.Join(app.DataDir(), linkFile) }

// Link makes a new link for the owner of a shop that has none, for the server
// at base, and writes it to a file that only the machine's owner can read.
func Link(app core.App, keys *settings.Keys, base string) (link string, err error) {
	base = strings.TrimRight(base, "/")
	secret, err := newLink(app, keys, schema.OnceOwner, "", base, time.Now())
	if err != nil {
		return "", err
	}
	link = base + "/desk/#/start/" + secret
	return link, writeFile(FileOf(app), link)
}

// writeFile replaces the file: what was there may have had another mode.
func writeFile(name, link string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the link to a file: %w", err)
	}
	_, err = f.WriteString(link + "\n")
	return errors.Join(err, f.Close())
}

// Begin is called when the server listens. It tells the owner of a new shop
// what to do, and takes away the file of a link that is of no use any more.
func Begin(app core.App, keys *settings.Keys, base string) error {
	if HasOwner(app) {
		if err := os.Remove(FileOf(app)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	link, err := Link(app, keys, base)
	if err != nil {
		return err
	}
	fmt.Printf("\nThis shop has no owner yet. Open this link and set it up; it works once, within 24 hours:\n\n    %s\n\n"+
		"The link also stands in %s. A new one:  shohay setup --dir %q\n"+
		"Without a browser:  shohay superuser upsert you@example.com a-long-password --dir %q\n\n", link, FileOf(app), app.DataDir(), app.DataDir())
	return nil
}

// Command makes a new link, also while the server runs. open opens the data
// folder.
func Command(app core.App, open func() error) *cobra.Command {
	var base string
	c := &cobra.Command{
		Use:   "setup",
		Short: "Print a new link to set up a shop that has no owner yet",
		Long: "Print a new link to set up a shop that has no owner yet.\n\nThe link works once, within 24 hours; earlier ones end. The server may be running.\n" +
			"A shop that has an owner needs none: sign in at the desk. Who forgot the password sets a new one with shohay superuser upsert.",
		Example: "  shohay setup\n  shohay setup --dir /srv/shohay --address https://help.shop.example",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if _, err := os.Stat(filepath.Join(app.DataDir(), "data.db")); err != nil {
				return fmt.Errorf("there is no shop in %s; start it with shohay serve, or say with --dir where it is", app.DataDir())
			}
			if err := open(); err != nil {
				return err
			}
			if HasOwner(app) {
				return errors.New("this shop has an owner already: sign in at /desk/. A new password: shohay superuser upsert you@example.com a-new-password")
			}
			keys, err := settings.OpenKeys(app.DataDir())
			if err != nil {
				return err
			}
			if base == "" {
				base = lastBase(app)
			}
			if !strings.HasPrefix(base, "http://") && !strings.HasPrefix(base, "https://") {
				return fmt.Errorf("%q is not an address; write it like https://help.shop.example", base)
			}
			link, err := Link(app, keys, base)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", link)
			return err
		},
	}
	c.Flags().StringVar(&base, "address", "", "address of the server in the link (default: where it last ran)")
	return c
}

// lastBase is the address that the last link was made for.
func lastBase(app core.App) string {
	var base string
	err := app.DB().NewQuery(`SELECT base FROM once_links WHERE purpose = 'owner' AND base != '' ORDER BY created DESC LIMIT 1`).Row(&base)
	if err != nil || base == "" {
		return usualBase
	}
	return base
}
