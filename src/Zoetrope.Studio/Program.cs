using Microsoft.AspNetCore.Components.WebAssembly.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Studio.State;

var builder = WebAssemblyHostBuilder.CreateDefault(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.RootComponents.Add<Zoetrope.Studio.Studio>("#studio");
builder.Services.AddSingleton(TimeProvider.System).AddSingleton<Browser>().AddSingleton<Session>().AddSingleton<Catalogue>().AddSingleton<Feed>();
await builder.Build().RunAsync();
