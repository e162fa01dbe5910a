package settings

import (
	"errors"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// Service ties the settings to one app.
type Service struct {
	keys    *Keys
	changed []func(app core.App)
}

// Register binds the room. Keys are read at bootstrap, when the data folder
// exists.
func Register(app core.App) *Service {
	s := new(Service)
	app.OnBootstrap().BindFunc(s.openKeys)
	app.OnRecordValidate(schema.Shop).BindFunc(s.validate)
	app.OnRecordCreate(schema.Shop).BindFunc(s.refuseSecond)
	app.OnRecordDelete(schema.Shop).BindFunc(s.refuseDelete)
	app.OnRecordAfterUpdateSuccess(schema.Shop).BindFunc(s.forget)
	return s
}

// Keys are the installation's keys; nil before bootstrap.
func (s *Service) Keys() *Keys { return s.keys }

// OnChange asks to be told, after commit, that the shop's settings changed.
// Only at registration.
func (s *Service) OnChange(f func(app core.App)) { s.changed = append(s.changed, f) }

func (s *Service) openKeys(e *core.BootstrapEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	keys, err := OpenKeys(e.App.DataDir())
	s.keys = keys
	return err
}

func (s *Service) validate(e *core.RecordEvent) error {
	if _, err := time.LoadLocation(e.Record.GetString(schema.ShopTimeZone)); err != nil {
		return validation.Errors{schema.ShopTimeZone: validation.NewError("unknown_time_zone", "This time zone is not known. Write it like Asia/Dhaka or Europe/London.")}
	}
	var origins []string
	if raw := e.Record.GetString(schema.ShopAllowedOrigins); raw != "" && raw != "null" {
		if err := e.Record.UnmarshalJSONField(schema.ShopAllowedOrigins, &origins); err != nil {
			return validation.Errors{schema.ShopAllowedOrigins: validation.NewError("origins_list", `Write a list of sites such as ["https://shop.example"].`)}
		}
	}
	return e.Next()
}

func (s *Service) refuseSecond(e *core.RecordEvent) error {
	if e.Record.Id != ShopID {
		return errors.New("there is one shop record; change that one")
	}
	return e.Next()
}

func (s *Service) refuseDelete(e *core.RecordEvent) error {
	return errors.New("the shop record cannot be deleted")
}

func (s *Service) forget(e *core.RecordEvent) error {
	holder(e.App).shop.Store(nil)
	for _, f := range s.changed {
		f(e.App)
	}
	return e.Next()
}
