using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>A server with one customer and an uploaded picture, for classes that ask many small things of its doors.</summary>
public sealed class DoorServer : IAsyncLifetime
{
    internal TestZoetrope Zoetrope { get; private set; } = null!;

    internal Customer Customer { get; private set; } = null!;

    internal string Picture { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Zoetrope = await TestZoetrope.StartAsync();
        Customer = await Zoetrope.Api.CreateCustomerAsync();
        Picture = await Zoetrope.Api.UploadAsync(Customer, TestMedia.Image(640, 480), "image/png");
    }

    public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
}
