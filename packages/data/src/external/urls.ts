const S3 = "https://s3.amazonaws.com/fast-ai-";

/** Addresses of public data sets and weights, for {@link untarData}. */
export const URLs = {
  /** Census rows, income above 50,000 or not; 0.97 MB. */
  ADULT_SAMPLE: `${S3}sample/adult_sample.tgz`,
  /** Head poses, small; 0.59 MB. */
  BIWI_SAMPLE: `${S3}sample/biwi_sample.tgz`,
  /** CIFAR-10: 60,000 pictures of 10 classes, 32 by 32; 168 MB. */
  CIFAR: `${S3}sample/cifar10.tgz`,
  /** Object detection, boxes in COCO JSON; 3,246 MB. */
  COCO_SAMPLE: `${S3}coco/coco_sample.tgz`,
  /** Object detection, tiny; 0.8 MB. */
  COCO_TINY: `${S3}coco/coco_tiny.tgz`,
  /** Numbers written out in words; 0.03 MB. */
  HUMAN_NUMBERS: `${S3}sample/human_numbers.tgz`,
  /** Film reviews, positive or negative; 144 MB. */
  IMDB: `${S3}nlp/imdb.tgz`,
  /** Film reviews, 1,000 rows of a table; 0.57 MB. */
  IMDB_SAMPLE: `${S3}sample/imdb_sample.tgz`,
  /** Film ratings, small; 0.052 MB. */
  ML_SAMPLE: `${S3}sample/movie_lens_sample.tgz`,
  /** Film ratings, 100,000. */
  ML_100k: "https://files.grouplens.org/datasets/movielens/ml-100k.zip",
  /** Handwritten threes and sevens; 3.2 MB. */
  MNIST_SAMPLE: `${S3}sample/mnist_sample.tgz`,
  /** Handwritten threes and sevens, tiny; 0.34 MB. */
  MNIST_TINY: `${S3}sample/mnist_tiny.tgz`,
  /** Threes and sevens of many sizes, tiny; 0.57 MB. */
  MNIST_VAR_SIZE_TINY: `${S3}imageclas/mnist_var_size_tiny.tgz`,
  /** Satellite pictures with several labels; 16 MB. */
  PLANET_SAMPLE: `${S3}sample/planet_sample.tgz`,
  /** Satellite pictures, tiny; 1 MB. */
  PLANET_TINY: `${S3}sample/planet_tiny.tgz`,
  /** 10 easy classes of ImageNet; 1,557 MB. */
  IMAGENETTE: `${S3}imageclas/imagenette2.tgz`,
  /** The same, shorter side 160; 99 MB. */
  IMAGENETTE_160: `${S3}imageclas/imagenette2-160.tgz`,
  /** The same, shorter side 320; 342 MB. */
  IMAGENETTE_320: `${S3}imageclas/imagenette2-320.tgz`,
  /** 10 dog breeds of ImageNet; 1,344 MB. */
  IMAGEWOOF: `${S3}imageclas/imagewoof2.tgz`,
  /** The same, shorter side 160; 93 MB. */
  IMAGEWOOF_160: `${S3}imageclas/imagewoof2-160.tgz`,
  /** The same, shorter side 320; 328 MB. */
  IMAGEWOOF_320: `${S3}imageclas/imagewoof2-320.tgz`,
  /** Both, for learning with few labels; 2,900 MB. */
  IMAGEWANG: `${S3}imageclas/imagewang.tgz`,
  /** The same, shorter side 160; 191 MB. */
  IMAGEWANG_160: `${S3}imageclas/imagewang-160.tgz`,
  /** The same, shorter side 320; 670 MB. */
  IMAGEWANG_320: `${S3}imageclas/imagewang-320.tgz`,
  /** Dogs and cats; 839 MB. */
  DOGS: `${S3}sample/dogscats.tgz`,
  /** Objects of 101 classes; 132 MB. */
  CALTECH_101: `${S3}imageclas/caltech_101.tgz`,
  /** 196 models of cars; 1,958 MB. */
  CARS: `${S3}imageclas/stanford-cars.tgz`,
  /** CIFAR-100; 169 MB. */
  CIFAR_100: `${S3}imageclas/cifar100.tgz`,
  /** 200 species of birds; 1,151 MB. */
  CUB_200_2011: `${S3}imageclas/CUB_200_2011.tgz`,
  /** 102 kinds of flowers; 345 MB. */
  FLOWERS: `${S3}imageclas/oxford-102-flowers.tgz`,
  /** 101 dishes; 5,687 MB. */
  FOOD: `${S3}imageclas/food-101.tgz`,
  /** Handwritten digits, all of MNIST; 16 MB. */
  MNIST: `${S3}imageclas/mnist_png.tgz`,
  /** 37 breeds of cats and dogs, with masks; 812 MB. */
  PETS: `${S3}imageclas/oxford-iiit-pet.tgz`,
  /** News of 4 sections; 12 MB. */
  AG_NEWS: `${S3}nlp/ag_news_csv.tgz`,
  /** Product reviews, 1 to 5 stars; 72 MB. */
  AMAZON_REVIEWS: `${S3}nlp/amazon_review_full_csv.tgz`,
  /** Product reviews, good or bad; 688 MB. */
  AMAZON_REVIEWS_POLARITY: `${S3}nlp/amazon_review_polarity_csv.tgz`,
  /** Encyclopedia entries of 14 kinds; 68 MB. */
  DBPEDIA: `${S3}nlp/dbpedia_csv.tgz`,
  /** Sentences in English and French; 2,598 MB. */
  MT_ENG_FRA: `${S3}nlp/giga-fren.tgz`,
  /** News in Chinese; 384 MB. */
  SOGOU_NEWS: `${S3}nlp/sogou_news_csv.tgz`,
  /** Encyclopedia text, for language models; 190 MB. */
  WIKITEXT: `${S3}nlp/wikitext-103.tgz`,
  /** Encyclopedia text, small; 4.1 MB. */
  WIKITEXT_TINY: `${S3}nlp/wikitext-2.tgz`,
  /** Questions of 10 topics; 319 MB. */
  YAHOO_ANSWERS: `${S3}nlp/yahoo_answers_csv.tgz`,
  /** Reviews, 1 to 5 stars; 196 MB. */
  YELP_REVIEWS: `${S3}nlp/yelp_review_full_csv.tgz`,
  /** Reviews, good or bad; 166 MB. */
  YELP_REVIEWS_POLARITY: `${S3}nlp/yelp_review_polarity_csv.tgz`,
  /** Centers of heads; 452 MB. */
  BIWI_HEAD_POSE: `${S3}imagelocal/biwi_head_pose.tgz`,
  /** Street scenes with masks; 599 MB. */
  CAMVID: `${S3}imagelocal/camvid.tgz`,
  /** Street scenes with masks, tiny; 2.3 MB. */
  CAMVID_TINY: `${S3}sample/camvid_tiny.tgz`,
  /** Bedrooms, to generate more of; 4,579 MB. */
  LSUN_BEDROOMS: `${S3}imageclas/bedroom.tgz`,
  /** Object detection and several labels; 1,638 MB. */
  PASCAL_2007: `${S3}imagelocal/pascal_2007.tgz`,
  /** The same, of 2012; 2,619 MB. */
  PASCAL_2012: `${S3}imagelocal/pascal_2012.tgz`,
  /** Calls of monkeys; 132 MB. */
  MACAQUES: "https://storage.googleapis.com/ml-animal-sounds-datasets/macaques.zip",
  /** Calls of birds; 187 MB. */
  ZEBRA_FINCH: "https://storage.googleapis.com/ml-animal-sounds-datasets/zebra_finch.zip",
  /** Chest X-rays (DICOM); 33 MB. */
  SIIM_SMALL: `${S3}imagelocal/siim_small.tgz`,
  /** Brain scans (DICOM) with masks; 15 MB. */
  TCGA_SMALL: `${S3}imagelocal/tcga_small.tgz`,
  /** Weights of a transformer; 433 MB. */
  OPENAI_TRANSFORMER: `${S3}modelzoo/transformer.tgz`,
  /** Weights of an AWD-LSTM language model. */
  WT103_FWD: `${S3}modelzoo/wt103-fwd.tgz`,
  /** Weights of an AWD-LSTM that reads backwards. */
  WT103_BWD: `${S3}modelzoo/wt103-bwd.tgz`,
} as const;
