using System.Globalization;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>
/// The one rule of a model's end, and its words at every door. The status decides: a retired model is refused, any other is
/// answered. A day decides nothing, because one vendor's end is not that of the others who serve the model.
/// </summary>
internal static class Retirement
{
    /// <summary>Why a request for the model is refused; null while it is answered.</summary>
    public static Problem? Of(ModelSpec model)
    {
        if (model.Lifecycle.Status is not LifecycleStatus.Retired)
        {
            return null;
        }

        var since = Day(model) is { } day ? $" on {day}" : "";
        var instead = model.Lifecycle.Replacement is { } other ? $" Use {other}." : "";
        return Problems.InvalidModel.With($"{model.Id} was retired{since}.{instead}", "model", model.Id, model.Lifecycle.Replacement);
    }

    /// <summary>What a list says of a model that is still answered but will end; null where nothing is announced.</summary>
    public static string? Notice(ModelSpec model) => model.Lifecycle.Status is not LifecycleStatus.Deprecated ? null
        : "deprecated"
            + (Day(model) is { } day ? $", ends {day} at its vendor" : "")
            + (model.Lifecycle.Replacement is { } better ? $", use {better}" : "");

    private static string? Day(ModelSpec model) => model.Lifecycle.Shutdown?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
