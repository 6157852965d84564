"""All addresses of the web process; each room brings its own."""

from django.urls import include, path

from kuangan.site.api import api
from kuangan.site.metrics import metrics

urlpatterns = [
    path("api/v1/", api.urls),
    path("", include("kuangan.portal.urls")),
    path("", include("kuangan.base.people.accounts")),
    path("", include("kuangan.base.people.urls")),
    path("", include("kuangan.base.registry.urls")),
    path("", include("kuangan.base.deadlines.urls")),
    path("", include("kuangan.base.case.urls")),
    path("", include("kuangan.base.documents.urls")),
    path("", include("kuangan.base.compliance.urls")),
    path("", include("kuangan.domains.alerts.urls")),
    path("", include("kuangan.domains.datalink.urls")),
    path("", include("kuangan.domains.rulebook.urls")),
    path("", include("kuangan.domains.operations.urls")),
    path("", include("kuangan.domains.duty.urls")),
    path("", include("kuangan.domains.suspicions.urls")),
    path("", include("kuangan.domains.enforcement.urls")),
    path("", include("kuangan.domains.campaign.urls")),
    path("", include("kuangan.domains.responsibility.urls")),
    path("", include("kuangan.domains.selfcheck.urls")),
    path("metrics", metrics, name="metrics"),
    path("notices/", include("kuangan.base.notices.urls")),
]

handler403 = "kuangan.portal.views.forbidden"
handler404 = "kuangan.portal.views.not_found"
handler500 = "kuangan.portal.views.fault"
