package hooks

import (
	"fmt"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/spf13/cobra"
)

// DemoCommand serves the sample shop; the rooms were registered with
// Deps.Demo. Without --dir the shop lives in a temporary folder.
func DemoCommand(app core.App, r *Rooms) *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Serves a sample shop with its own mail server; nothing to configure, nothing to clean up",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{
				Id: "shohayDemoText",
				Func: func(e *core.ServeEvent) error {
					if err := e.Next(); err != nil {
						return err
					}
					fmt.Println(r.Demo.Text(BaseURL(e)))
					return nil
				},
				Priority: -950,
			})
			return apis.Serve(app, apis.ServeConfig{HttpAddr: addr})
		},
	}
	c.Flags().StringVar(&addr, "http", "127.0.0.1:8090", "address to listen on")
	return c
}
