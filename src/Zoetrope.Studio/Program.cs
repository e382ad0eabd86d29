using Microsoft.AspNetCore.Components.WebAssembly.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Studio.State;

var builder = WebAssemblyHostBuilder.CreateDefault(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.RootComponents.Add<Zoetrope.Studio.Studio>("#studio");
builder.Services.AddSingleton<Browser>().AddSingleton<Session>().AddSingleton(TimeProvider.System);
await builder.Build().RunAsync();
