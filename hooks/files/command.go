package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"
)

// Where the keys of a bucket are read from, as for restore.
const (
	accessVariable = "SHOHAY_S3_ACCESS_KEY"
	secretVariable = "SHOHAY_S3_SECRET_KEY"
)

// Command is "files move". open opens the data folder.
func Command(app core.App, open func() error) *cobra.Command {
	c := &cobra.Command{Use: "files", Short: "Move attachments to S3-compatible storage and back"}
	var to string
	var deleteOld bool
	move := &cobra.Command{
		Use:   "move --to s3|disk",
		Short: "Copy all attachments to the bucket or to the disk, check each, and use them there from then on",
		Long: "Copy all attachments to a bucket of S3-compatible storage, or back to the disk. Each file is read back and compared; only then the shop uses the new place. " +
			"Stop the server first. What was interrupted goes on when the command is given again.\n\n" +
			"The old files stay unless --delete-old is given; each is compared once more before it goes.\n\n" +
			"In a bucket, attachments are in no backup and no replica of yours: let the storage keep versions or a copy elsewhere.",
		Example: "  " + accessVariable + "=… " + secretVariable + "=… shohay files move --to \"s3://bucket?endpoint=https://s3.example.com&region=auto\"\n" +
			"  shohay files move --to s3 --delete-old   # the bucket of the admin UI: Settings, Files storage\n  shohay files move --to disk",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if to == "" {
				return errors.New("say where to: --to s3, --to disk, or --to s3://bucket?endpoint=https://s3.example.com&region=auto")
			}
			if err := alone(filepath.Join(app.DataDir(), "data.db")); err != nil {
				return err
			}
			if err := open(); err != nil {
				return err
			}
			return Move(c.Context(), app, to, deleteOld, c.OutOrStdout())
		},
	}
	move.Flags().StringVar(&to, "to", "", "disk; s3 for the bucket of the admin UI; or s3://bucket?endpoint=https://…&region=… with the keys in "+accessVariable+" and "+secretVariable)
	move.Flags().BoolVar(&deleteOld, "delete-old", false, "delete the files in the old place, each after it was compared")
	c.AddCommand(move)
	return c
}

// target is the setting that is wanted.
func target(now core.S3Config, to string) (core.S3Config, error) {
	wanted := now
	switch {
	case to == "disk":
		wanted.Enabled = false
		return wanted, nil
	case to == "s3":
	case strings.HasPrefix(to, "s3://"):
		u, err := url.Parse(to)
		if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" {
			return wanted, fmt.Errorf("%q is no bucket; write it like s3://bucket?endpoint=https://s3.example.com&region=auto", to)
		}
		q := u.Query()
		wanted = core.S3Config{
			Bucket: u.Host, Endpoint: q.Get("endpoint"), Region: q.Get("region"), ForcePathStyle: q.Get("path_style") != "",
			AccessKey: os.Getenv(accessVariable), Secret: os.Getenv(secretVariable),
		}
		if now.Enabled && (now.Bucket != wanted.Bucket || now.Endpoint != wanted.Endpoint) {
			return wanted, fmt.Errorf("the attachments are in the bucket %s now: move them to the disk first", now.Bucket)
		}
	default:
		return wanted, fmt.Errorf("--to %s is no place: write s3, disk, or s3://bucket?endpoint=https://s3.example.com&region=auto", to)
	}
	wanted.Enabled = true
	switch {
	case wanted.Bucket == "" || wanted.Endpoint == "" || wanted.Region == "":
		return wanted, errors.New("no bucket is known: write it like --to \"s3://bucket?endpoint=https://s3.example.com&region=auto\"")
	case wanted.AccessKey == "" || wanted.Secret == "":
		return wanted, fmt.Errorf("the keys of the bucket are missing: put them into %s and %s", accessVariable, secretVariable)
	}
	if err := wanted.Validate(); err != nil {
		return wanted, fmt.Errorf("the bucket: %w", err)
	}
	return wanted, nil
}

// Move brings all attachments to a place, "disk" or a bucket, and has the shop
// use them there. It may be repeated.
func Move(ctx context.Context, app core.App, to string, deleteOld bool, out io.Writer) error {
	settings := app.Settings()
	wanted, err := target(settings.S3, to)
	if err != nil {
		return err
	}
	here, there := settings.S3, wanted
	moved := here.Enabled == there.Enabled
	if moved {
		here.Enabled = !here.Enabled // what is left in the old place
		if here.Bucket == "" && here.Enabled {
			fmt.Fprintln(out, "The attachments are on the disk; there never was a bucket.")
			return nil
		}
	}
	m := &mover{app: app, out: out}
	if m.from, err = openPlace(ctx, app, here); err != nil {
		return err
	}
	defer m.from.Close()
	if m.to, err = openPlace(ctx, app, there); err != nil {
		return err
	}
	defer m.to.Close()
	if moved && !deleteOld {
		fmt.Fprintf(out, "The attachments are used from %s already. Nothing was done.\n", m.to.words)
		return nil
	}
	keys, err := m.list(ctx)
	if err != nil {
		return err
	}
	if !moved {
		if err := m.copyAll(ctx, keys); err != nil {
			return err
		}
		settings.S3 = there
		if err := app.Save(settings); err != nil {
			return fmt.Errorf("all files are in %s, but the setting could not be saved: %w", m.to.words, err)
		}
		fmt.Fprintf(out, "The shop uses %s now.\n", m.to.words)
		if there.Enabled {
			fmt.Fprintln(out, "Attachments are in no backup and no replica from now on: let the storage keep versions, or a copy elsewhere.")
		}
	}
	if !deleteOld {
		if len(keys) > 0 {
			fmt.Fprintf(out, "The old files are still in %s; --delete-old deletes them.\n", m.from.words)
		}
		return nil
	}
	return m.deleteAll(ctx, keys, moved)
}
