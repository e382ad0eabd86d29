using System.ComponentModel.DataAnnotations;
using Zoetrope.Server.Accounts;

namespace Zoetrope.Server.Operator;

/// <summary>Section <c>Zoetrope:Bootstrap</c>: what an empty database begins with.</summary>
internal sealed class BootstrapOptions : IValidatableObject
{
    /// <summary>The first API key of a database that has none; empty: see <see cref="FirstStart"/>.</summary>
    public string Key { get; init; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Key.Length > 0 && ApiKeys.ShapeOf(Key) != KeyShape.WellFormed)
        {
            yield return new ValidationResult(
                "It is no API key. `./run key new --mode test` prints one that can be used here", [nameof(Key)]);
        }
    }
}
