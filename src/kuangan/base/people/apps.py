from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "kuangan.base.people"
    label = "people"
    verbose_name = "人员与机构"

    def ready(self) -> None:
        from allauth.account.signals import password_changed, user_logged_in
        from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
        from django.contrib.auth.signals import user_logged_out

        from kuangan.base.people import signin

        user_logged_in.connect(signin.on_signed_in)
        user_logged_out.connect(signin.on_signed_out)
        password_changed.connect(signin.on_password_changed)
        authentication_failed.connect(signin.on_code_failed)
        authenticator_added.connect(signin.on_second_step_added)
        authenticator_removed.connect(signin.on_second_step_removed)
