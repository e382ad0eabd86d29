using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>Section <c>Zoetrope:Cluster</c>: how the nodes of one database reach each other.</summary>
internal sealed class ClusterOptions : IValidatableObject
{
    /// <summary>Where this node listens for the others; 0 takes a free port and keeps it for its next starts.</summary>
    [Range(0, 65535)]
    public int SiloPort { get; init; }

    /// <summary>The IP address at which the others reach this node; empty is the one from which it reaches the database.</summary>
    public string AdvertisedAddress { get; init; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AdvertisedAddress.Length > 0 && !IPAddress.TryParse(AdvertisedAddress, out _))
        {
            yield return new ValidationResult("It must be an IP address, such as 10.0.0.12", [nameof(AdvertisedAddress)]);
        }
    }
}
