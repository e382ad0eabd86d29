using Amazon.Runtime;
using Amazon.S3;
using Zoetrope.Server.Egress;

namespace Zoetrope.Server.Artifacts.S3;

/// <summary>The SDK's client as we use it: through Egress, with nothing read from the environment or the machine.</summary>
internal static class BucketConnection
{
    public static AmazonS3Client Open(S3Options options, EgressClient egress) => new(
        new BasicAWSCredentials(options.AccessKey, options.SecretKey),
        new AmazonS3Config
        {
            ServiceURL = options.Url.AbsoluteUri,
            AuthenticationRegion = options.Region,
            ForcePathStyle = options.PathStyle,
            UseHttp = options.Url.Scheme == Uri.UriSchemeHttp,
            HttpClientFactory = new Clients(egress.ForOperator(options.Url, url => Reaches(options, url))),
            DefaultConfigurationMode = DefaultConfigurationMode.Standard,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = 2,
            IgnoreConfiguredEndpointUrls = true,
            DisableS3ExpressSessionAuth = true,
            DisableLogging = true,

            // Other stores than Amazon's do not know its newer checksums. Each body is signed by its SHA-256 anyway.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });

    // The bucket's own host, where its name is part of it.
    private static bool Reaches(S3Options options, Uri url)
    {
        var home = options.Url;
        return url.Scheme == home.Scheme && url.Port == home.Port
            && (url.IdnHost.Equals(home.IdnHost, StringComparison.OrdinalIgnoreCase)
                || url.IdnHost.Equals($"{options.Bucket}.{home.IdnHost}", StringComparison.OrdinalIgnoreCase));
    }

    private sealed class Clients(HttpClient client) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
