using Amazon.S3;

namespace Zoetrope.Server.Artifacts.S3;

/// <summary>Which setting an answer of the bucket speaks about.</summary>
internal static class BucketFault
{
    private const string Section = "Zoetrope__Artifacts__S3__";

    /// <summary>One line for the operator; null for a failure that may pass by itself.</summary>
    public static string? Of(Exception? exception, S3Options options) => exception is not AmazonS3Exception answered ? null
        : answered.ErrorCode switch
        {
            "NoSuchBucket" => $"{Section}Bucket: There is no bucket {options.Name}. Create it, or correct the name.",
            "InvalidAccessKeyId" => $"{Section}AccessKey: The store {options.Url} does not know this key.",
            "SignatureDoesNotMatch" => $"{Section}SecretKey: It is not the secret of the access key at {options.Url}.",
            "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" or "PermanentRedirect" or "InvalidRegion" =>
                $"{Section}Region: The bucket {options.Name} is not in {options.Region}.",
            "AccessDenied" or "AllAccessDisabled" or "AccountProblem" =>
                $"{Section}AccessKey: This key may not list the bucket {options.Name}. docs/04-operations.md has the permissions it needs.",
            _ when (int)answered.StatusCode is 401 or 403 =>
                $"{Section}AccessKey: The bucket {options.Name} refuses this key: {answered.ErrorCode}.",
            _ when (int)answered.StatusCode is 400 or 404 or 405 or 301 =>
                $"{Section}Endpoint: {options.Url} answered {(int)answered.StatusCode} to a listing of the bucket {options.Bucket}. "
                + "Check the address, and PathStyle.",
            _ => null,
        };
}
